// What the exported page draws with: the folding and the labels of the explorer.
export { foldedWords, foldingOf } from "./case/folding";
export { paintLabels, placeLabels } from "./graph/paint";
