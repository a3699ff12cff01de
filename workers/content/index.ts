import { createContentApp } from "../../src/http/content-app.ts";

export default createContentApp();
