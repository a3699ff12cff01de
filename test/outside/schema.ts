// Written by `flow types`; manual changes are overwritten.
import type {
  Clock,
  DateRange,
  DatetimeRange,
  Day,
  Decimal,
  Json,
  Location,
  LongText,
  Media,
  Moment,
  Money,
  NumberRange,
  Reference,
  RichText,
} from "flowcms/client";

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

/** Offer */
export type Offer = {
  weight: Decimal | null;
  price: Money<"EUR" | "JPY">;
  opens: Clock | null;
  valid: DateRange | null;
  shown: DatetimeRange | null;
  ages: NumberRange | null;
  stars: 5 | 4 | null;
  state: "new" | "old" | null;
  sizes: number[] | null;
  days: Day[] | null;
  places: Location[] | null;
};

/** The content types: for `new Client<Schema>(…)`. */
export type Schema = {
  locale: Locale;
  types: {
    author: Author;
    blog_post: BlogPost;
    media: MediaEntry;
    offer: Offer;
  };
  back_references: {
    author: { posts: "blog_post"; pupils: "author" };
  };
};
