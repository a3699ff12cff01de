import * as z from "zod";

const Range = z.union([z.cidrv4(), z.cidrv6()], "must be a range such as 203.0.113.0/24 or 2001:db8::/32");

/** CIDR ranges, IPv4 and IPv6, at most 100. */
export const IpRanges = z.array(Range).max(100);
