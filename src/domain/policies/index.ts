export { createPolicy, deletePolicy, getPolicy, listPolicies, updatePolicy } from "./policies.ts";
export { createRole, deleteRole, getRole, listRoles, updateRole } from "./roles.ts";
export { describeMe, explainAccess, ExplainQuery, type Explanation } from "./explain.ts";
