"""How large inputs are made, each choice with its reason."""
