"""Networks that the code of torch's hub builds."""
