/** `blog_post` → `blogPost`; `a_1` keeps its underscore, so that no two ids meet in one name. */
export function camelCase(id: string): string {
  return id.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `blogPost` → `blog_post`: back from `camelCase`, for ids without capital letters. */
export function restName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `blog_post` → `BlogPost`. */
export function pascalCase(id: string): string {
  const name = camelCase(id);
  return name[0]!.toUpperCase() + name.slice(1);
}

/** The enum value of a field: `true`, `false` and `null` are not allowed as names. */
export function enumName(id: string): string {
  return ["true", "false", "null"].includes(id) ? `${id}_` : camelCase(id);
}

/** Gives each name once: who comes second to a name gets it with a number behind. */
export function nameClaims(taken: Iterable<string>): (name: string) => string {
  const used = new Set(taken);
  return (name) => {
    let free = name;
    for (let i = 2; used.has(free); i++) free = `${name}_${i}`;
    used.add(free);
    return free;
  };
}
