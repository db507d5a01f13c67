"""The answers and bodies of the workspace's API; its OpenAPI document and TypeScript are made of them."""
