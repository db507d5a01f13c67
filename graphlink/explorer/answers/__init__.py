"""The answers of the API, each declared once; OpenAPI and the types in TypeScript are made of them."""
