import {
  Kind,
  SingleFieldSubscriptionsRule,
  visit,
  type ASTVisitFn,
  type DirectiveNode,
  type OperationDefinitionNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";

/**
 * A subscription has one root field, whatever its variables are. The rule of the library collects the
 * fields without variables, and throws for a condition that has one, or that is not valid.
 */
export const singleRootField: ValidationRule = (context) => {
  type Visitor = { OperationDefinition: ASTVisitFn<OperationDefinitionNode> };
  return {
    OperationDefinition(node, ...place) {
      if (node.operation !== "subscription") return;
      const document = visit(context.getDocument(), {
        Directive: (one) => (isCondition(one) && !isKnown(one) ? null : undefined),
      });
      const unconditional = Object.create(context, {
        getDocument: { value: () => document },
      }) as ValidationContext;
      const { OperationDefinition } = SingleFieldSubscriptionsRule(unconditional) as Visitor;
      OperationDefinition(document.definitions.find(({ loc }) => loc === node.loc) as never, ...place);
    },
  };
};

const isCondition = ({ name }: DirectiveNode): boolean => ["skip", "include"].includes(name.value);
const isKnown = ({ arguments: given = [] }: DirectiveNode): boolean =>
  given.some(({ name, value }) => name.value === "if" && value.kind === Kind.BOOLEAN);
