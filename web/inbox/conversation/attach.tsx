/** Attachments (ATTACH): blocks that programs put under a message. */
import type { ComponentChild } from 'preact';
import { Avatar } from '../../lib/avatar.tsx';
import { Icon } from '../../lib/icons.tsx';
import { linkTarget } from './links.ts';
import { isMap } from './message.ts';
import { sizeOf } from './sizes.ts';
import { Text, type TextActions } from './text.tsx';

type Fields = Readonly<Record<string, unknown>>;

const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isMap) : isMap(value) ? [value] : []);
/** Only what is a colour may be one. */
const colour = (value: unknown): string | undefined => (/^#(?:[\da-f]{3}|[\da-f]{6})$/i.test(word(value)) ? word(value) : undefined);
const TOKENS: Readonly<Record<string, string>> = { primary: 'var(--accent)', alert: 'var(--danger)', secondary: 'var(--muted)', base: 'var(--control)' };

export function Attachments({ value, actions }: { value: unknown; actions: TextActions }) {
  return <>{listOf(value).map((one, at) => <Attachment key={at} given={one} actions={actions} />)}</>;
}

function Attachment({ given, actions }: { given: Fields; actions: TextActions }) {
  const edge = colour(given['COLOR']) ?? TOKENS[word(given['COLOR_TOKEN']).toLowerCase()];
  return (
    <div class="attachment" style={edge ? { '--edge': edge } : {}}>
      {listOf(given['BLOCKS']).map((block, at) => <Block key={at} block={block} actions={actions} />)}
    </div>
  );
}

function Block({ block, actions }: { block: Fields; actions: TextActions }): ComponentChild {
  const [type = '', content] = Object.entries(block)[0] ?? [];
  switch (type) {
    case 'MESSAGE':
      return <Text text={word(content)} actions={actions} />;
    case 'LINK':
    case 'RICH_LINK':
      return listOf(content).map((card, at) => <LinkCard key={at} card={card} actions={actions} />);
    case 'USER':
      return listOf(content).map((user, at) => <UserCard key={at} user={user} />);
    case 'GRID':
      return <Grid items={listOf(content)} actions={actions} />;
    case 'IMAGE':
      return listOf(content).map((image, at) => <Image key={at} image={image} />);
    case 'FILE':
      return listOf(content).map((file, at) => <FileLine key={at} file={file} />);
    case 'DELIMITER':
      return <hr style={isMap(content) && colour(content['COLOR']) ? { borderColor: colour(content['COLOR'])! } : {}} />;
    default:
      return null;
  }
}

/** Where a block leads: an address, a person or a chat. */
function targetOf(fields: Fields): string | undefined {
  if (Number(fields['USER_ID']) > 0) return `#/${Number(fields['USER_ID'])}`;
  if (Number(fields['CHAT_ID']) > 0) return `#/chat${Number(fields['CHAT_ID'])}`;
  return linkTarget(word(fields['LINK']));
}

function Leading({ to, children, class: classes }: { to: string | undefined; children: ComponentChild; class?: string }) {
  if (to === undefined) return <span class={classes}>{children}</span>;
  return to.startsWith('#') ? <a class={classes} href={to}>{children}</a> : <a class={classes} href={to} target="_blank" rel="noopener noreferrer">{children}</a>;
}

function LinkCard({ card, actions }: { card: Fields; actions: TextActions }) {
  const preview = linkTarget(word(card['PREVIEW']));
  const to = targetOf(card);
  return (
    <div class="link-card">
      {preview && <Leading to={to} class="link-picture"><img src={preview} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" onError={hide} /></Leading>}
      <div>
        <Leading to={to} class="link-name"><bdi>{word(card['NAME']) || word(card['LINK'])}</bdi></Leading>
        {word(card['DESC']) && <Text text={word(card['DESC'])} actions={actions} />}
      </div>
    </div>
  );
}

/** A picture that cannot be had leaves no hole. */
const hide = ({ currentTarget }: { currentTarget: EventTarget }): void => {
  (currentTarget as HTMLElement).parentElement!.hidden = true;
};

function UserCard({ user }: { user: Fields }) {
  const name = word(user['NAME']);
  return (
    <Leading to={targetOf(user)} class="user-card">
      <Avatar name={name} src={linkTarget(word(user['AVATAR'])) ?? ''} id={Number(user['USER_ID']) || 0} size={24} />
      <bdi>{name}</bdi>
    </Leading>
  );
}

function Grid({ items, actions }: { items: Fields[]; actions: TextActions }) {
  return (
    <dl class="grid">
      {items.map((item, at) => {
        const tint = colour(item['COLOR']) ?? TOKENS[word(item['COLOR_TOKEN']).toLowerCase()];
        return (
          <div key={at} class={`grid-${word(item['DISPLAY']).toLowerCase()}`} style={Number(item['WIDTH']) > 0 && word(item['DISPLAY']) === 'BLOCK' ? { maxInlineSize: `${Number(item['WIDTH'])}px` } : {}}>
            {word(item['NAME']) && <dt><Text text={word(item['NAME'])} actions={actions} /></dt>}
            <dd class={tint ? 'coloured' : undefined} style={tint ? { '--given': tint } : {}}>
              {targetOf(item) ? <Leading to={targetOf(item)}><bdi>{word(item['VALUE'])}</bdi></Leading> : <Text text={word(item['VALUE'])} actions={actions} />}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Image({ image }: { image: Fields }) {
  const src = linkTarget(word(image['PREVIEW']) || word(image['LINK']));
  const [width, height] = [Number(image['WIDTH']), Number(image['HEIGHT'])];
  if (!src) return null;
  return (
    <Leading to={linkTarget(word(image['LINK']))} class="attached-image">
      <img src={src} alt={word(image['NAME'])} loading="lazy" decoding="async" referrerpolicy="no-referrer" style={width > 0 && height > 0 ? { aspectRatio: `${width} / ${height}` } : {}} onError={hide} />
    </Leading>
  );
}

function FileLine({ file }: { file: Fields }) {
  return (
    <Leading to={linkTarget(word(file['LINK']))} class="file-line">
      <Icon name="file" />
      <bdi>{word(file['NAME']) || word(file['LINK'])}</bdi>
      {Number(file['SIZE']) > 0 && <small>{sizeOf(Number(file['SIZE']))}</small>}
    </Leading>
  );
}
