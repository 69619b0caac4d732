"""Helping organisations: unions, legal aid, NGOs. Who they are; what they may see comes with each person's own consent."""
