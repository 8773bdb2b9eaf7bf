"""Puts the real objects together; the only package that reads the environment."""
