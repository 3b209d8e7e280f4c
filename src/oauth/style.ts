/** Looks of the sign-in's pages, light and dark, on a telephone and on a desk. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #eef3f6; --card: #fff; --ink: #14242e; --soft: #526570; --line: #d5dfe5; --field: #f7fafb;
  --accent: #0b6e8a; --accent-ink: #fff; --accent-soft: #e0f0f4; --bad: #a3261d; --bad-soft: #fdecea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0c161c; --card: #14222b; --ink: #e6eff3; --soft: #9db0bb; --line: #2a3b46; --field: #0f1b22;
    --accent: #4fb8d3; --accent-ink: #06212a; --accent-soft: #163642; --bad: #ff9d92; --bad-soft: #3a1c1a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 1.5rem 1rem;
  background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
}
main {
  width: 100%; max-width: 26rem; padding: 2rem; border: 1px solid var(--line); border-radius: 18px; background: var(--card);
  box-shadow: 0 1px 2px #0000000d, 0 12px 40px #00000014;
}
.portal { display: flex; align-items: center; gap: .6rem; margin: 0 0 1.75rem; color: var(--soft); font-weight: 600; overflow-wrap: anywhere; }
.portal svg { flex: none; color: var(--accent); }
h1 { margin: 0 0 .5rem; font-size: 1.45rem; line-height: 1.25; letter-spacing: -.01em; overflow-wrap: anywhere; text-wrap: balance; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
form { margin: 0; }
label { display: block; margin: 1.1rem 0 0; font-size: .9rem; font-weight: 600; }
input[type=text], input[type=password] {
  display: block; width: 100%; margin-top: .35rem; padding: .7rem .85rem; border: 1px solid var(--line); border-radius: 10px;
  background: var(--field); color: inherit; font: inherit; font-weight: 400;
}
button {
  display: inline-block; width: 100%; padding: .75rem 1rem; border: 1px solid transparent; border-radius: 10px; font: inherit; font-weight: 600;
  cursor: pointer; background: var(--accent); color: var(--accent-ink);
}
button:hover { filter: brightness(1.08); }
button.quiet { background: transparent; border-color: var(--line); color: inherit; }
button.quiet:hover { background: var(--field); filter: none; }
button.link { display: inline; width: auto; padding: 0; border: 0; background: none; color: var(--accent); text-decoration: underline; text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.submit { margin-top: 1.6rem; }
.choices { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; margin-top: 1.6rem; }
.problem { margin: 1.1rem 0 0; padding: .7rem .9rem; border-radius: 10px; background: var(--bad-soft); color: var(--bad); }
.person { display: flex; align-items: center; gap: .75rem; margin: 1.25rem 0; padding: .75rem; border: 1px solid var(--line); border-radius: 12px; }
.person > span:last-child { min-width: 0; overflow-wrap: anywhere; }
.initial {
  flex: none; display: grid; place-items: center; width: 2.5rem; height: 2.5rem; border-radius: 50%; background: var(--accent-soft);
  color: var(--accent); font-weight: 700;
}
.person small { display: block; color: var(--soft); font-size: .85rem; }
ul { margin: 0 0 1rem; padding: 0; list-style: none; }
li { position: relative; padding: .3rem 0 .3rem 1.7rem; }
li::before { content: ""; position: absolute; left: .3rem; top: .72rem; width: .7rem; height: .38rem; border: solid var(--accent); border-width: 0 0 2px 2px; transform: rotate(-45deg); }
a { color: var(--accent); text-underline-offset: .15em; }
.links li { padding: .45rem 0; }
.links li::before { content: none; }
.links small { color: var(--soft); }
code {
  display: block; margin: 1rem 0; padding: .9rem; border: 1px dashed var(--line); border-radius: 10px; background: var(--field);
  font: 15px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; user-select: all;
}
.foot { margin: 1.25rem 0 0; padding-top: 1.1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .88rem; }
@media (max-width: 30rem) {
  body { place-items: start stretch; padding: 0; background: var(--card); }
  main { max-width: none; padding: 1.75rem 1.25rem; border: 0; border-radius: 0; box-shadow: none; }
}
`;
