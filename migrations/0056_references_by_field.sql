-- Which entries have a reference, and so which have none such as the roots of a tree: newest first, without their targets.
create index entry_refs_of_field on entry_refs
  (tenant_id, environment_id, type, perspective, field, locale, published_at desc, entry_id desc);
