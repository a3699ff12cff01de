import { isId } from "../../../../core/ids.ts";
import { fail, type FieldKind } from "./field-kind.ts";

export const MEDIA: FieldKind = {
  filter: "reference",
  canBeMultiple: true,
  expects: () => "an asset id such as ast_01jd…",
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
