import ipaddr from "ipaddr.js";

/**
 * Whether an address lies in one of the ranges; IPv4 in IPv6 clothes is IPv4. An unknown address lies
 * in none.
 */
export type IpMatcher = (address: string | null) => boolean;

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** Prepares CIDR ranges (`203.0.113.0/24`, `2001:db8::/32`). A range that cannot be read matches nothing. */
export function ipMatcher(ranges: readonly string[]): IpMatcher {
  const parsed = ranges.flatMap((range): Range[] =>
    ipaddr.isValidCIDR(range) ? [ipaddr.parseCIDR(range)] : [],
  );
  return (text) => {
    if (text === null || !isAddress(text)) return false;
    const address = ipaddr.process(text);
    return parsed.some((range) => address.kind() === range[0].kind() && address.match(range as never));
  };
}

/** Short and octal forms of IPv4 are no addresses that a header would carry. */
const isAddress = (text: string) =>
  text.includes(":") ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text);
