import * as z from "zod";
import { answered, answeredPut } from "../../../core/answers.ts";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { ChangeStep } from "./change-steps.ts";
import { Component, ComponentDefinition } from "./component-schemas.ts";
import { getComponent, listComponents } from "./read-components.ts";
import { Renames } from "./renames.ts";
import { createComponent, deleteComponent, putComponent } from "./save-component.ts";
import { PutQuery } from "./put-queries.ts";
import { storedExample } from "./stored-example.ts";

const operation = declares<Context>("components/bad-query");

const params = { id: z.string().max(63).describe("The id of a component, such as `seo`.") };
const usage = { types: [], components: [] };
const image = { id: "image", name: "Image", fields: [{ id: "caption", type: "short_text", max: 200 }] };
const seo = {
  id: "seo",
  name: "Search engines",
  fields: [
    { id: "title", type: "short_text", max: 60 },
    { id: "share", type: "component", component: "image" },
  ],
};
const stored = (definition: Parameters<typeof storedExample>[0]) => ({ ...storedExample(definition), usage });
const used = { ...stored(image), usage: { types: [], components: ["seo"] } };
const Touched = z
  .array(z.object({ type: z.string(), entries: z.int() }))
  .describe("The content types that change with the component, and how many entries each has.");

export const componentOperations: OperationGroup<Operation<Context>> = {
  tag: "Components",
  description:
    'A component is a group of fields that several content types use: `{ type: "component", component: "seo" }` in a type, or its id among the `components` of a field of blocks. A change of it is a change of every type that uses it.',
  schemas: { Component, ComponentDefinition },
  operations: [
    operation({
      method: "post",
      path: "/components",
      operationId: "createComponent",
      summary: "Create a component",
      description: "Rejected when the id is taken: use PUT to change a component.",
      permission: "types:write",
      body: ComponentDefinition,
      answer: Component,
      hasEtag: true,
      statuses: [201],
      isBodyOpen: true,
      errors: {
        402: ["types/too-many"],
        409: ["components/id-taken", "components/name-taken"],
        422: ["components/invalid-definition", "types/unknown-target"],
        503: ["types/changing"],
      },
      example: { request: image, response: stored(image) },
      sdk: { call: "components.create", isLoose: true },
      run: async (ctx, input) => {
        const component = await createComponent(ctx, { definition: await input.json() });
        return answered(component, { version: component.version });
      },
    }),
    operation({
      method: "put",
      path: "/components/{id}",
      operationId: "putComponent",
      summary: "Create or replace a component",
      description:
        "Changes all types that use it in the same transaction; `touched` lists them. Safe to repeat: an identical definition changes nothing. Existing entries are treated as when a type changes: what they violate is a conflict that lists them, and a loss of values needs `allow_data_loss=true`; the values of fields in `renames` follow. With `rename_from` the component gets the id in the path in place of another one, also where blocks say of which kind they are. With `dry_run=true` everything is checked and nothing written.",
      permission: "types:write",
      params,
      query: PutQuery.extend({
        dry_run: z
          .enum(["true", "false"])
          .optional()
          .describe("`true` checks the change and answers what it would touch, without making it."),
      }),
      isConditional: true,
      body: ComponentDefinition.extend({ renames: Renames.optional() }),
      answer: Component,
      beside: {
        touched: Touched,
        steps: z.array(ChangeStep).describe("Of a dry run: what it would do to values."),
      },
      hasEtag: true,
      statuses: [200, 201],
      isBodyOpen: true,
      errors: {
        402: ["types/too-many"],
        404: ["components/not-found"],
        409: [
          "types/violated",
          "components/id-taken",
          "components/version-conflict",
          "components/name-taken",
          "types/named-by-policy",
        ],
        422: [
          "components/invalid-definition",
          "components/id-differs",
          "types/invalid-renames",
          "types/too-many-entries",
          "types/unknown-target",
        ],
        503: ["types/changing"],
      },
      example: {
        params: { id: "seo" },
        request: seo,
        response: stored(seo),
        beside: { touched: [], steps: [] },
      },
      sdk: { call: "components.put", outcome: "component", beside: "steps", isLoose: true },
      run: async (ctx, input) => {
        const { params, query, precondition } = input;
        const isDryRun = query.dry_run === "true";
        const { component, outcome, touched, steps } = await putComponent(ctx, {
          ...params,
          definition: await input.json(),
          version: query.version,
          precondition,
          allowDataLoss: query.allow_data_loss === "true",
          dryRun: isDryRun,
          from: query.rename_from,
        });
        return answeredPut(component, isDryRun ? "unchanged" : outcome, { touched, steps });
      },
    }),
    operation({
      method: "get",
      path: "/components",
      operationId: "listComponents",
      summary: "List components",
      description: "All components of the environment, sorted by id, at most 300, each with what uses it.",
      permission: "types:read",
      answer: z.array(Component),
      example: { response: [used, stored(seo)] },
      sdk: { call: "components.list" },
      run: (ctx) => listComponents(ctx),
    }),
    operation({
      method: "get",
      path: "/components/{id}",
      operationId: "getComponent",
      summary: "Get a component",
      description: "The stored definition, with its version and what uses it.",
      permission: "types:read",
      params,
      answer: Component,
      hasEtag: true,
      errors: { 404: ["components/not-found"] },
      example: { params: { id: "image" }, response: used },
      sdk: { call: "components.get" },
      run: async (ctx, { params }) => {
        const component = await getComponent(ctx, params);
        return answered(component, { version: component.version });
      },
    }),
    operation({
      method: "delete",
      path: "/components/{id}",
      operationId: "deleteComponent",
      summary: "Delete a component",
      description: "Only a component that no content type and no other component uses can be deleted.",
      permission: "types:write",
      params,
      isConditional: true,
      statuses: [204],
      errors: {
        404: ["components/not-found"],
        409: ["components/in-use"],
        503: ["types/changing"],
      },
      example: { params: { id: "seo" } },
      sdk: { call: "components.delete" },
      run: (ctx, { params, precondition }) => deleteComponent(ctx, { ...params, precondition }),
    }),
  ],
};
