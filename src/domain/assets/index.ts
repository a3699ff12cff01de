export { getAsset, listAssets } from "./read-assets.ts";
export { createAsset, putAsset } from "./save-asset.ts";
