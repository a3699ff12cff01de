export { getAsset, listAssets, readAssetFile } from "./read-assets.ts";
export { createAsset, putAsset, type AssetBody } from "./save-asset.ts";
export { deleteAsset } from "./delete-asset.ts";
export { expireFiles } from "./expire-files.ts";
