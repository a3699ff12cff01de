// Written by `flow types`; manual changes are overwritten.
import type { Day, Json, Location, LongText, Media, Moment, Reference, RichText } from "flowcms/client";

/** The locales of the environment. */
export type Locale = "en" | "fr";

/** Author */
export type Author = {
  name: string;
  avatar: Media | null;
  mentor: Reference<"author"> | null;
};

/** Blog post. What the magazine is made of. */
export type BlogPost = {
  /** Title */
  title: string;
  slug: string;
  /** Shown in lists. Ends no comment: *\/ */
  summary: LongText | null;
  body: RichText | null;
  notes: LongText | null;
  reading_minutes: number | null;
  rating: number | null;
  featured: boolean | null;
  day: Day | null;
  starts_at: Moment | null;
  mood: "calm" | "not so calm" | null;
  topics: ("edge" | "content")[] | null;
  link: string | null;
  colour: string | null;
  extra: Json | null;
  place: Location | null;
  cover: Media | null;
  gallery: Media[] | null;
  author: Reference<"author"> | null;
  related: Reference<"blog_post" | "media">[] | null;
  anything: Reference | null;
  seo: {
    title: string;
    image?: Media;
  } | null;
  sections:
    | (
        | {
            type: "hero";
            heading: string;
          }
        | {
            type: "quote";
            by?: Reference<"author">;
            words?: RichText;
          }
      )[]
    | null;
};

/** Media kit */
export type MediaEntry = {
  contact: string;
};

/** The content types: for `new Client<Schema>(…)`. */
export type Schema = {
  locale: Locale;
  types: {
    author: Author;
    blog_post: BlogPost;
    media: MediaEntry;
  };
};
