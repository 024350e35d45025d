"""How facts are worded on pages: values in, words, shapes and geometry out; no request, no database."""
