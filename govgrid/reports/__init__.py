"""The monthly report of a street or a district, as PDF and as workbook."""
