const times = { created_at: "2026-01-31T09:30:00.000Z", updated_at: "2026-01-31T09:30:00.000Z" };

/** A definition in an example, as it is answered once it is stored. */
export const storedExample = (definition: { id: string; name: string; fields: object[] }) => ({
  ...definition,
  fields: definition.fields.map((field) => ({
    required: false,
    unique: false,
    localized: false,
    multiple: false,
    ...field,
  })),
  version: 1,
  ...times,
});
