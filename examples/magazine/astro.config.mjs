import { defineConfig } from "astro/config";

export default defineConfig({
  devToolbar: { enabled: false },
  i18n: { locales: ["en", "de", "fr"], defaultLocale: "en", routing: { prefixDefaultLocale: true } },
});
