#!/bin/sh
# Patroni runs this once, on the first primary, with the address of its database.
set -eu
psql "$1" --no-psqlrc --set ON_ERROR_STOP=1 <<SQL
CREATE ROLE govgrid LOGIN PASSWORD '${GOVGRID_PASSWORD:?}';
GRANT pg_read_all_stats TO govgrid;
CREATE DATABASE govgrid OWNER govgrid;
SQL
