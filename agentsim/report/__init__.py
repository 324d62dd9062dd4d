"""How results are told: tables, figures, what happened in words, lists of what there is."""
