// Files that esbuild bundles besides code: as a file of its own, or as text where a bundle has to be one file.
declare module "*.css" {
  const text: string;
  export default text;
}
