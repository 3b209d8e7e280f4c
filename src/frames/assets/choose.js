/** The dialog in which people of the portal are chosen. */

const EVERYBODY = { id: 0, name: 'All users', position: '', photo: '' };

/**
 * Resolves with who was chosen; with nobody when the dialog is closed.
 *
 * @param ask asks the portal
 */
export function choosePeople(ask, { multiple = false, everybody = false }) {
  const dialog = document.querySelector('#people').content.firstElementChild.cloneNode(true);
  const list = dialog.querySelector('ul');
  const done = dialog.querySelector('[value=done]');
  const chosen = new Map();
  done.hidden = !multiple;

  const toggle = (person, button) => {
    if (chosen.delete(person.id)) button.setAttribute('aria-pressed', 'false');
    else {
      chosen.set(person.id, person);
      button.setAttribute('aria-pressed', 'true');
      if (!multiple) dialog.close('done');
    }
  };
  const show = (people) => list.replaceChildren(...people.map((person) => itemOf(person, chosen.has(person.id), toggle)));
  const find = latest(async (text) => (text.trim() === '' ? [] : ask('people', { find: text })));

  // Enter would press a button that has nothing to do with the field.
  dialog.querySelector('input').addEventListener('keydown', (event) => void (event.key === 'Enter' && event.preventDefault()));
  dialog.querySelector('input').addEventListener('input', async ({ target }) => {
    const people = await find(target.value);
    if (people) show(people);
  });
  if (everybody) show([EVERYBODY]);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'done' ? [...chosen.values()] : []);
    });
  });
}

function itemOf(person, isChosen, toggle) {
  const item = document.createElement('li');
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: person.name });
  button.setAttribute('aria-pressed', String(isChosen));
  if (person.position !== '') button.append(Object.assign(document.createElement('small'), { textContent: person.position }));
  button.addEventListener('click', () => toggle(person, button));
  item.append(button);
  return item;
}

/** Answers to what was asked before the last question come to nothing; so do those that fail. */
function latest(work) {
  let last = 0;
  return async (...args) => {
    const mine = ++last;
    const result = await work(...args).catch(() => undefined);
    return mine === last ? result : undefined;
  };
}
