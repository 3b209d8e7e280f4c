/** Parameters as they may be shown to whoever looks at calls: without secrets, and cut. */

/** Longest text of all parameters, and of one value, UTF-16 units. */
const LONGEST = 2000;
const LONGEST_VALUE = 200;
const MOST_ENTRIES = 100;
const DEEPEST = 6;
/** Of a long text only so much is looked at. */
const LOOKED_AT = 4096;

const HIDDEN = '***';
/** Names of what nobody else must know. */
const SECRET = /pass|secret|token|auth|sess|signature|credential|cookie|^(ap|code|pwd|key|pin|otp)$|api_?key|access_?key|private_?key|_code$/i;
/** The same within a query, as in a command of a batch. */
const SECRET_IN_QUERY = /((?:^|[?&;])[^=&;?]*(?:pass|secret|token|auth|sess|signature|credential|cookie|key)[^=&;]*=|(?:^|[?&;])(?:ap|code|pwd|pin|otp)=)[^&;\s]*/gi;
const WEBHOOK = /(\/rest\/+\d+\/+)\w{8,}/g;
const LINK = /(\blink=)\w+/g;
const USERINFO = /(:\/\/)[^\s/@]+@/g;
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]+/gi;
const BASE64 = /^[A-Za-z\d+/_-]{64,}={0,2}$/;
const DATA_ADDRESS = /^data:[^,]{0,200};base64,/;

/** JSON of the parameters, shortened where it is long. */
export function maskedJson(params: object): string {
  const budget = { entries: MOST_ENTRIES };
  const text = JSON.stringify(maskedValue(params, 0, budget)) ?? '{}';
  return text.length > LONGEST ? `${cut(text, LONGEST)}…` : text;
}

function maskedValue(value: unknown, depth: number, budget: { entries: number }): unknown {
  if (typeof value === 'string') return maskedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '…';
  if (Array.isArray(value)) return withinBudget(value, budget).map((item: unknown) => maskedValue(item, depth + 1, budget));
  const masked: Record<string, unknown> = Object.create(null);
  for (const name of withinBudget(namesOf(value), budget)) masked[maskedText(name)] = maskedEntry(name, (value as Record<string, unknown>)[name], depth, budget);
  return masked;
}

function maskedEntry(name: string, value: unknown, depth: number, budget: { entries: number }): unknown {
  return SECRET.test(name) ? HIDDEN : maskedValue(value, depth + 1, budget);
}

/** No more names than may be shown, however many there are. */
function namesOf(value: object): string[] {
  const names: string[] = [];
  for (const name in value) if (names.push(name) > MOST_ENTRIES) break;
  return names;
}

function withinBudget<T>(items: readonly T[], budget: { entries: number }): readonly T[] {
  const taken = items.slice(0, Math.max(0, budget.entries));
  budget.entries -= taken.length;
  return taken;
}

/** A text without what looks like a secret. */
export function maskedText(text: string): string {
  if (BASE64.test(text.slice(0, LOOKED_AT)) || DATA_ADDRESS.test(text)) return `‹${text.length} characters of base64›`;
  const seen = text.slice(0, LOOKED_AT)
    .replace(WEBHOOK, `$1${HIDDEN}`).replace(SECRET_IN_QUERY, `$1${HIDDEN}`).replace(LINK, `$1${HIDDEN}`).replace(USERINFO, `$1${HIDDEN}@`).replace(BEARER, `$1 ${HIDDEN}`);
  return seen.length > LONGEST_VALUE ? `${cut(seen, LONGEST_VALUE)}… (${text.length} characters)` : seen;
}

function cut(text: string, length: number): string {
  return text.slice(0, length).toWellFormed();
}
