/** The digits behind the point of currencies that do not have two, as ISO 4217 has them. */
const DIGITS: Record<number, string> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};
const TWO_DIGITS =
  "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE " +
  "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD " +
  "HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP " +
  "MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR " +
  "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU " +
  "UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";
let digits: ReadonlyMap<string, number> | undefined;

function all(): ReadonlyMap<string, number> {
  digits ??= new Map([
    ...TWO_DIGITS.split(" ").map((code) => [code, 2] as const),
    ...Object.entries(DIGITS).flatMap(([places, codes]) =>
      codes.split(" ").map((code) => [code, Number(places)] as const),
    ),
  ]);
  return digits;
}

/** How many digits amounts of a currency have behind the point; undefined for what is no code of ISO 4217. */
export const currencyPlaces = (code: string): number | undefined => all().get(code);
export const currencyCodes = (): string[] => [...all().keys()].sort();
