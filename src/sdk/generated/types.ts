// Made by `npm run generate` of the operations that the slices declare: change those.

export type Comment = {
  /** `cmt_…` */
  id: string;
  /** The entry's id. */
  entry: string;
  /** Such as `title` or `body.content[2]`; null for the whole entry. */
  field: string | null;
  body: string;
  /** Ids of those who were told. */
  mentions: string[];
  created_at: string;
  /** A person's or token's id. */
  created_by: string;
  /** `null` as long as it is open. */
  resolved_at: string | null;
  resolved_by: string | null;
};

export type NewComment = {
  /** What you have to say, as plain text. */
  body: string;
  /** The field it is about, such as `title` or `body.content[2]`; the whole entry when absent. */
  field?: string | undefined;
  /** Ids of the people and tokens to tell. */
  mentions?: readonly string[] | undefined;
};

export type Notification = {
  id: string;
  /** `comment.mention`, `entry.assigned` or `schedule.failed`. */
  kind: string;
  /** Such as `entry:cnt_01jd…`. */
  subject: string;
  /** More of it: the comment, who mentioned or assigned, or why the schedule failed. */
  payload: unknown;
  created_at: string;
  /** `null` as long as it is unread. */
  read_at: string | null;
};

export type Standing = {
  id: string;
  type: string;
  /** The version of the working copy; moving and assigning make no new one. */
  version: number;
  /** The id of the stage. */
  stage: string;
  /** A person's or token's id. */
  assignee: string | null;
};
