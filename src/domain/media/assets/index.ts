export { expireFiles } from "./expire-files.ts";
export { getAsset, listAssets } from "./read-assets.ts";
