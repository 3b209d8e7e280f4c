/** A small choice of emoji, in groups, those used lately first. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { stored, store } from '../../lib/stored.ts';
import { t } from '../conversation/words.ts';

const GROUPS: readonly string[] = [
  '😀 😃 😄 😁 😆 😅 😂 🤣 🙂 🙃 😉 😊 😇 🥰 😍 🤩 😘 😋 😜 🤪 🤨 🧐 🤓 😎 🥳 😏 😒 😞 😔 😟 😕 🙁 😣 😫 🥺 😢 😭 😤 😠 😡 🤯 😳 🥵 😱 😨 😓 🤗 🤔 🤭 🤫 😶 😐 😬 🙄 😯 😴 🤤 😷 🤒 🤕 🤢 🤧 😈 👻 💀 🤖 💩',
  '👍 👎 👌 ✌️ 🤞 🤟 🤘 🤙 👈 👉 👆 👇 ☝️ ✋ 🤚 🖐️ 👋 💪 🙏 🤝 👏 🙌 👐 ✍️ 💅 👀 👁️ 🧠 👶 👩 👨 🙋 🤷 🤦 💁 🏃 💃 🕺 👫 👪',
  '❤️ 🧡 💛 💚 💙 💜 🖤 🤍 💔 💕 💖 💯 💢 💥 💫 💦 💬 💭 💤 ✅ ❌ ❓ ❗ ⚠️ ⛔ 🔥 ✨ 🌟 ⭐ 🎉 🎊 🎁 🏆 🥇 🎯 🔔 🔒 🔑 💡 📌 📎 📅 📈 📉 📝 📁 📦 📷 💻 📱 ☎️ ⏰ ⏳ 💰 💳 🚀',
  '🐶 🐱 🐭 🐰 🦊 🐻 🐼 🐨 🐯 🦁 🐮 🐷 🐸 🐵 🐔 🐧 🐦 🦉 🐝 🦋 🐢 🐍 🐙 🐟 🐬 🐳 🌲 🌳 🌴 🌱 🍀 🌸 🌹 🌻 🌈 ☀️ ⛅ 🌧️ ❄️ 🌊 🌙 🌍',
  '🍎 🍊 🍋 🍌 🍉 🍇 🍓 🍒 🍑 🥑 🍅 🥕 🌽 🍞 🧀 🥚 🍳 🥞 🍔 🍟 🍕 🌭 🥗 🍝 🍜 🍣 🍦 🍰 🎂 🍫 🍿 ☕ 🍵 🍺 🍷 🥂 ⚽ 🏀 🎾 🏓 🎮 🎲 🎸 🎧 🎬 🚗 🚕 🚌 🚲 ✈️ 🚂 ⛵ 🏠 🏢 🏖️ ⛰️',
];

const MOST_RECENT = 16;

export function EmojiPicker({ onChoose, onClose }: { onChoose: (sign: string) => void; onClose: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [recent] = useState(() => stored('emoji').split(' ').filter(Boolean));
  useEffect(() => box.current!.querySelector('button')?.focus(), []);
  const choose = (sign: string) => {
    store('emoji', [sign, ...stored('emoji').split(' ').filter((one) => one && one !== sign)].slice(0, MOST_RECENT).join(' '));
    onChoose(sign);
  };
  const signs = [...(recent.length > 0 ? [recent] : []), ...GROUPS.map((group) => group.split(' '))];
  return (
    <div ref={box} class="emoji" role="group" aria-label={t('emoji')} onKeyDown={(event) => move(event, box.current!, onClose)}>
      {signs.map((group, at) => (
        <div key={at} class="emoji-group">
          {group.map((sign, column) => <button key={sign} type="button" tabIndex={at + column === 0 ? 0 : -1} aria-label={sign} onClick={() => choose(sign)}>{sign}</button>)}
        </div>
      ))}
    </div>
  );
}

function move(event: KeyboardEvent, box: HTMLElement, close: () => void): void {
  const all = [...box.querySelectorAll<HTMLElement>('button')];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const columns = Math.max(1, Math.floor(box.clientWidth / (all[0]?.offsetWidth || 36)));
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: all.length - 1 }[event.key];
  if (event.key === 'Tab') close();
  if (to === undefined) return;
  event.preventDefault();
  all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
}
