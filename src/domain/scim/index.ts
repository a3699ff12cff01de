export { createGroup, deleteGroup, getGroup, listGroups, patchGroup, replaceGroup } from "./groups.ts";
export { LIST } from "./schemas.ts";
export { resourceTypes, schemas, serviceProviderConfig } from "./service.ts";
export { createUser, deleteUser, getUser, listUsers, patchUser, replaceUser } from "./users.ts";
