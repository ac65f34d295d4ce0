// A client that speaks as that of Flask-Scaffold 2.0: routes are paths, the token goes out bare, and an error is shown
// as "code STATUS, TEXT".
const users = 'api/v1/users.json';
const find = (css) => document.querySelector(css);

class Refused extends Error {}

async function ask(method, url, attributes) {
  const headers = { 'Content-Type': 'application/json' };
  const token = localStorage.getItem('id_token');
  if (token) headers.Authorization = token;
  const body = attributes && JSON.stringify({ data: { type: 'users', attributes } });
  const answer = await fetch(url, { method, headers, body });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : undefined;
  if (!answer.ok) throw new Refused(`code ${answer.status}, ${json.error}`);
  return json;
}

async function list() {
  const { data } = await ask('GET', users);
  const rows = data.map(({ id, attributes }) => {
    const row = document.createElement('tr');
    row.id = `user-${id}`;
    for (const name of ['name', 'email', 'createdby']) row.insertCell().textContent = attributes[name];
    const button = document.createElement('button');
    button.textContent = 'Delete';
    button.onclick = () => attempt(async () => {
      await ask('DELETE', `api/v1/users/${id}.json`);
      location.reload();
    });
    row.insertCell().append(button);
    return row;
  });
  find('tbody').replaceChildren(...rows);
}

function show() {
  if (!localStorage.getItem('id_token') && location.pathname !== '/login') history.replaceState(null, '', '/login');
  if (location.pathname === '/') history.replaceState(null, '', '/dashboard');
  const path = location.pathname;
  find('nav').hidden = path === '/login';
  find('.alert').hidden = true;
  for (const part of document.querySelectorAll('[data-page]')) part.hidden = part.dataset.page !== path;
  if (path === '/users') attempt(list);
}

function go(path) {
  history.pushState(null, '', path);
  show();
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    find('.alert').textContent = error.message;
    find('.alert').hidden = false;
  }
}

function onSubmit(form, action) {
  form.onsubmit = (event) => {
    event.preventDefault();
    attempt(() => action(Object.fromEntries(new FormData(form))));
  };
}

onSubmit(find('#login'), async (attributes) => {
  const { token } = await ask('POST', 'api/v1/login.json', attributes);
  localStorage.setItem('id_token', token);
  go('/dashboard');
});
onSubmit(find('#add'), async (attributes) => {
  await ask('POST', users, attributes);
  go('/users');
});
find('#log-out').onclick = () => {
  localStorage.removeItem('id_token');
  go('/login');
};
for (const link of document.querySelectorAll('nav a')) {
  link.onclick = (event) => {
    event.preventDefault();
    go(new URL(link.href).pathname);
  };
}
window.onpopstate = show;
show();
