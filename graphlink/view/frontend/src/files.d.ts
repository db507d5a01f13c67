// Files that esbuild takes up beside code.
declare module "*.css";
