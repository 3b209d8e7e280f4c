/** Numbers of bytes as people read them. */
import { lang } from '../../lib/i18n.ts';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

export function sizeOf(bytes: number): string {
  const at = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  return new Intl.NumberFormat(lang.value, { style: 'unit', unit: UNITS[at]!, unitDisplay: at === 0 ? 'long' : 'short', maximumFractionDigits: 1 }).format(bytes / 1000 ** at);
}
