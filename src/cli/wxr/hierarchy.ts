/**
 * The parent of every node that has one, without those that would close a circle, which are in
 * `broken`. Takes chains of any length.
 */
export function parentsOf<T>(
  nodes: readonly T[],
  parentOf: (node: T) => T | undefined,
): { parents: Map<T, T>; broken: Set<T> } {
  const parents = new Map<T, T>();
  const broken = new Set<T>();
  const towardsRoot = new Map<T, T>();
  const rootOf = (node: T): T => {
    const path: T[] = [];
    let at = node;
    for (let next = towardsRoot.get(at); next !== undefined; next = towardsRoot.get(at)) {
      path.push(at);
      at = next;
    }
    for (const one of path) towardsRoot.set(one, at);
    return at;
  };
  for (const node of nodes) {
    const parent = parentOf(node);
    if (parent === undefined) continue;
    const root = rootOf(parent);
    if (root === node) broken.add(node);
    else {
      parents.set(node, parent);
      towardsRoot.set(node, root);
    }
  }
  return { parents, broken };
}
