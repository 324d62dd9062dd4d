"""How fast the model is, beside its bare engines and beside plain Mesa."""
