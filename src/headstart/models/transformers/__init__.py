"""Networks of transformers: of pictures, texts, boxes and masks."""
