/* global SwaggerUIBundle */

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];

const tokenUrl = document.body.dataset.tokenUrl && new URL(document.body.dataset.tokenUrl);
// Commands, queries and tokens have one origin at the gateway alone.
const canSend = Boolean(tokenUrl) && tokenUrl.port === location.port;

function followTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", apply);
  apply();
}

const hidden = (...names) => ({
  wrapComponents: Object.fromEntries(names.map((name) => [name, () => () => null])),
});

// Swagger UI would send the example of each parameter, also of those that may be left out.
function withoutOptionalExamples(description) {
  const parameters = [
    ...Object.values(description.components?.parameters ?? {}),
    ...Object.values(description.paths).flatMap(Object.values).flatMap((it) => it.parameters ?? []),
  ];
  for (const parameter of parameters) if (!parameter.required) delete parameter.example;
  return description;
}

const unfilled = {
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (update) => (description) => update(withoutOptionalExamples(description)),
      },
    },
  },
};

const plugins = [
  // The one server is where the page comes from.
  hidden("ServersContainer"),
  canSend ? unfilled : hidden("authorizeBtn", "authorizeOperationBtn"),
];

// Swagger UI leaves fields without a name, and long examples out of reach of the keyboard.
function makeAccessible() {
  const page = document.querySelector("#swagger-ui");
  const name = (field) =>
    field.closest("tr")?.querySelector(".parameter__name")?.textContent ??
    field.closest("label")?.textContent ??
    "Request body";
  new MutationObserver(() => {
    for (const field of page.querySelectorAll(":is(select, textarea):not([aria-label])")) {
      field.ariaLabel = name(field);
    }
    for (const example of page.querySelectorAll("pre.microlight:not([tabindex])")) {
      example.tabIndex = 0;
    }
  }).observe(page, { childList: true, subtree: true });
}

function showPage() {
  const ui = SwaggerUIBundle({
    dom_id: "#swagger-ui",
    url: "openapi.json",
    displayRequestDuration: true,
    plugins,
    presets: [SwaggerUIBundle.presets.apis],
    syntaxHighlight: { theme: "monokai" },
    supportedSubmitMethods: canSend ? METHODS : [],
    tryItOutEnabled: canSend,
    validatorUrl: null,
    onComplete: () => {
      const description = ui.specSelectors.specJson().toJS();
      document.title = description.info.title;
      if (canSend) offerToken(ui, description);
    },
  });
}

function offerToken(ui, description) {
  const form = document.querySelector("#token");
  const { scheme, scopes } = securityOf(description);
  document.querySelector("#scopes").replaceChildren(...scopes.map(checkbox));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const scope = new FormData(form).getAll("scope").join(" ");
    document.querySelector("#outcome").value = await authorize(ui, scheme, scope);
  });
  form.hidden = false;
}

function securityOf(description) {
  const operations = Object.values(description.paths).flatMap(Object.values);
  const required = operations.flatMap(({ security }) => security ?? []).flatMap(Object.entries);
  return {
    scheme: required[0][0],
    scopes: [...new Set(required.flatMap(([, scopes]) => scopes))].sort(),
  };
}

function checkbox(scope) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  Object.assign(input, { type: "checkbox", name: "scope", value: scope, checked: true });
  label.append(input, ` ${scope}`);
  return label;
}

async function authorize(ui, scheme, scope) {
  try {
    const token = await fetchToken(scope);
    ui.preauthorizeApiKey(scheme, token);
    return `Requests from this page now have a token with ${scope || "no scope"}, for an hour.`;
  } catch (error) {
    return `There is no token: ${error.message}`;
  }
}

async function fetchToken(scope) {
  const form = { grant_type: "client_credentials", client_id: "docs", client_secret: "any" };
  const body = new URLSearchParams(scope ? { ...form, scope } : form);
  const response = await fetch(tokenUrl.pathname, { method: "POST", body });
  const granted = await response.json();
  if (!response.ok) throw new Error(granted.error_description ?? granted.message);
  return granted.access_token;
}

function showWhereToSend() {
  if (!tokenUrl || canSend) return;
  const notice = document.querySelector("#elsewhere");
  const there = new URL(location.pathname, tokenUrl).href;
  Object.assign(notice.querySelector("a"), { href: there, textContent: there });
  notice.hidden = false;
}

followTheme();
makeAccessible();
showPage();
showWhereToSend();
