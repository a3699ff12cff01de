import { createContentApp } from "../../src/http/content-app.ts";
import { Internal } from "../../src/http/internal.ts";

export { Internal };

export default createContentApp();
