import { isId } from "../../../../core/ids.ts";
import { mediaExpectation, mediaRulesOf } from "../media-rules.ts";
import { fail, type FieldKind } from "./field-kind.ts";

export const MEDIA: FieldKind = {
  filter: "reference",
  canBeMultiple: true,
  options: ["accept", "max_bytes", "min_width", "max_width", "min_height", "max_height"],
  expects(field) {
    const rules = mediaRulesOf(field);
    return `an asset id such as ast_01jd…${rules ? `, of ${mediaExpectation(rules)}` : ""}`;
  },
  check: (field, value, path, check) =>
    isId("ast", value) ? value : fail(check, path, `must be ${MEDIA.expects(field)}`),
};

export const REFERENCE: FieldKind = {
  filter: "reference",
  canBeMultiple: true,
  expects: ({ to }) => `an entry id such as cnt_01jd…${to ? ` of type ${to.join(" or ")}` : ""}`,
  check: (field, value, path, check) =>
    isId("cnt", value) ? value : fail(check, path, `must be ${REFERENCE.expects(field)}`),
};
