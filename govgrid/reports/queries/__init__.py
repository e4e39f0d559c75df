"""Named reads of reports beside those of the packages they are about."""
