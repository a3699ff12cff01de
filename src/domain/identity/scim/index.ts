export { GROUPS, USERS, type ResourceSchema } from "./attributes.ts";
export { createGroup, deleteGroup, getGroup, listGroups, patchGroup, replaceGroup } from "./groups.ts";
export { project } from "./project.ts";
export { badValue, LIST, readSearch } from "./schemas.ts";
export { resourceTypes, schemas, serviceProviderConfig } from "./service.ts";
export { createUser, deleteUser, getUser, listUsers, patchUser, replaceUser } from "./users.ts";
