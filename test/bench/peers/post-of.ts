const SYLLABLES = "ka lo mi ra te su no ve di pa hu ge bi zo le fa ri mo tu sen".split(" ");
const WORDS = SYLLABLES.flatMap((first) => SYLLABLES.map((second) => first + second));

/** The fields of post number `n`: 2 KB of words, so that a full-text index has something to do. */
export function postOf(n: number, slug = `post-${n}`) {
  const words = Array.from({ length: 420 }, (_, i) => WORDS[(n * 31 + i * i * 7 + i * n) % WORDS.length]);
  return { title: `Post number ${n}`, slug, price: n % 1000, body: words.join(" ").slice(0, 2048) };
}
