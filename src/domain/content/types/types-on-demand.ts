import { compileType, type CompiledType } from "./compile-type.ts";
import type { ResolvedType } from "./schemas.ts";

/** A type as it is stored: its definition as JSON. */
export type StoredType = { id: string; definition: string; version: number; isInnerIndexed?: boolean };

/** As measured: what is kept of a type besides its text, and how many times its text a compiled one takes. */
const BYTES = { stored: 150, compiled: 500, factor: 2, expression: 70 };

/** The characters of a definition's expressions, of which each takes many times as much once it is parsed. */
function sizeOfExpressions(definition: string): number {
  let size = 0;
  for (const [text] of definition.matchAll(
    /"(?:expression|required_if|visible_if|computed)":"(?:[^"\\]|\\.)*"/g,
  ))
    size += text.length;
  return size;
}

/**
 * The types of an environment by id, in their order. Each is read and compiled when it is asked for:
 * most requests are about one of them, and its text takes half the room.
 */
export class TypesOnDemand implements ReadonlyMap<string, CompiledType> {
  readonly #types: Map<string, StoredType | CompiledType>;
  readonly #onGrowth: () => void;
  #bytes = 0;

  /** `onGrowth` hears when it takes more room than before. */
  constructor(types: readonly StoredType[], onGrowth: () => void = () => {}) {
    this.#types = new Map(types.map((type) => [type.id, type]));
    this.#onGrowth = onGrowth;
    for (const { definition } of types) this.#bytes += BYTES.stored + definition.length;
  }

  /** What it takes in memory by now. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#types.size;
  }

  get(id: string): CompiledType | undefined {
    const type = this.#types.get(id);
    if (!type || typeof type.definition !== "string") return type as CompiledType | undefined;
    const { version, isInnerIndexed } = type as StoredType;
    const compiled = compileType(JSON.parse(type.definition) as ResolvedType, version, isInnerIndexed);
    this.#types.set(id, compiled);
    const ofRules = BYTES.expression * sizeOfExpressions(type.definition);
    this.#bytes += BYTES.compiled + (BYTES.factor - 1) * type.definition.length + ofRules;
    this.#onGrowth();
    return compiled;
  }

  has(id: string): boolean {
    return this.#types.has(id);
  }

  keys(): MapIterator<string> {
    return this.#types.keys();
  }

  *values(): MapIterator<CompiledType> {
    for (const id of this.#types.keys()) yield this.get(id)!;
  }

  *entries(): MapIterator<[string, CompiledType]> {
    for (const id of this.#types.keys()) yield [id, this.get(id)!];
  }

  [Symbol.iterator](): MapIterator<[string, CompiledType]> {
    return this.entries();
  }

  forEach(see: (type: CompiledType, id: string, types: ReadonlyMap<string, CompiledType>) => void): void {
    for (const [id, type] of this) see(type, id, this);
  }
}
