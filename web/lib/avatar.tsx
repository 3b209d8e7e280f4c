/** A picture of somebody or of a chat; initials on a colour where there is none, or while none has come. */
import { useState } from 'preact/hooks';
import { initials } from './initials.ts';
import './avatar.css';

export interface AvatarProps {
  name: string;
  /** Address of the picture; empty for none. */
  src?: string | undefined;
  /** As the server gives it (#rrggbb); empty for one by {@link id}. */
  color?: string | undefined;
  id?: number;
  /** Pixels. */
  size: number;
}

/** Where no colour is sent: white can be read on all. */
const OWN = ['#b3261e', '#a34700', '#7a5b00', '#2e7a32', '#00706b', '#1565c0', '#6a43c4', '#ad1f6b'];

export function Avatar({ name, src, color, id = 0, size }: AvatarProps) {
  const [failed, setFailed] = useState('');
  const ground = color?.toLowerCase() || OWN[Math.abs(id) % OWN.length]!;
  const isWhite = !color || isDeep(ground);
  return (
    <span class={isWhite ? 'avatar white' : 'avatar'} style={{ '--avatar': `${size / 16}rem`, backgroundColor: ground }} aria-hidden="true">
      {initials(name)}
      {src && src !== failed && (
        <img src={src} alt="" width={size} height={size} loading="lazy" decoding="async" draggable={false} onError={() => setFailed(src)} />
      )}
    </span>
  );
}

/** Whether white on it is easier to read than dark: contrast 4.5 at least. */
function isDeep(color: string): boolean {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => linear(Number.parseInt(color.slice(at, at + 2), 16) / 255));
  return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) >= 4.5;
}

function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
