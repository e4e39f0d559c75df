"""What people do to the grid."""
