"""Audits: is everything there, sound, and recognised?"""
