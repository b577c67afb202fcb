/** The whole style: light and dark by the reader's own setting, one column on a phone. */
export const STYLE = `:root{color-scheme:light dark;--line:light-dark(#d5d8dc,#3a4048);--quiet:light-dark(#5a626b,#9aa4ae);--link:light-dark(#0b57a4,#7db7ff);--good:light-dark(#17692f,#6fd58a);--bad:light-dark(#a31919,#ff8f87);--warn:light-dark(#7a4d00,#f2bd5b)}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,sans-serif;margin:0;background:light-dark(#fff,#15181c);color:light-dark(#1b1f24,#e6e9ec)}
header{display:flex;gap:.6rem 1rem;flex-wrap:wrap;align-items:center;padding:.6rem 1rem;border-bottom:1px solid var(--line)}main{padding:1rem;max-width:75rem;margin:auto}main:focus{outline:none}
header .filter,header .act{margin:0}a{color:var(--link)}nav a{margin-right:.8rem}[aria-current]{font-weight:bold}.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem}.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.quiet{color:var(--quiet)}
h1{font-size:1.3rem;overflow-wrap:anywhere}h2{font-size:1.05rem;margin-top:1.6rem}.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:normal}thead th{color:var(--quiet)}
.signers{display:inline-block;max-width:16rem;overflow-wrap:anywhere}.message{max-width:32rem;min-width:8rem;overflow-wrap:anywhere}main p,main li{overflow-wrap:anywhere}.failure{border-left:3px solid var(--bad);padding-left:.7rem}code,pre{font:13px/1.45 ui-monospace,monospace}pre{overflow:auto;max-height:30rem;border:1px solid var(--line);padding:.6rem;margin:.4rem 0}
.badge{border:1px solid currentColor;border-radius:.7rem;padding:0 .5rem;font-size:.82rem;white-space:nowrap}.ready,.succeeded,.current,.added{color:var(--good)}.badge.failing,.stalled .badge,.stalled.badge,.failed,.rolledback,.cutoff,.unknown,.removed{color:var(--bad)}.suspended.badge,.waiting,.running,.behind,.new.badge,.modified{color:var(--warn)}tr.ready,tr.new,tr.unknown{color:inherit}
.filter,.act{display:inline-flex;gap:.5rem;flex-wrap:wrap;align-items:end;margin:0 .5rem .5rem 0}input,select,button{font:inherit;padding:.25rem .5rem;max-width:100%}.timeline li{margin-bottom:.8rem}.charts{display:flex;gap:1.5rem;flex-wrap:wrap}figure{margin:0;flex:1 1 14rem}figcaption{color:var(--quiet)}
.bars{width:100%;height:3rem;fill:var(--link);border-bottom:1px solid var(--line)}.bars.failed{fill:var(--bad)}.bars.deployed{fill:var(--good)}.bars.durations{fill:var(--warn)}.graph{max-width:34rem;width:100%}.graph path{fill:none;stroke:var(--line);stroke-width:1.5}.graph text{font-size:13px;fill:currentColor}.changes{list-style:none;padding:0}.changes li{margin-bottom:.5rem}`;

/**
 * Asks for the page again where the server says that something changed, and puts its middle in place: whoever is in the
 * middle of a field, or has marked a text, is left alone; focus and what was unfolded stay. Offers names to the field of the
 * quick switch, which works without.
 */
export const SCRIPT = `const {base,mark}=document.body.dataset;let seen=mark,source,busy=false,retry;
const main=()=>document.querySelector('main');const focusable='a,button,input,select,summary,[tabindex]';
const isBusy=()=>main().contains(document.activeElement)&&document.activeElement.matches('input,select')||!getSelection().isCollapsed;
async function again(){if(!mark||busy||isBusy())return;busy=true;try{await ask()}catch{}finally{busy=false}}
async function ask(){const answer=await fetch(location.href,{headers:{accept:'text/html'}});if(!answer.ok)return;
const fresh=new DOMParser().parseFromString(await answer.text(),'text/html');if(isBusy())return;const old=main();
const at=[...old.querySelectorAll(focusable)].indexOf(document.activeElement);const open=[...old.querySelectorAll('details')].map(one=>one.open);
const title=old.querySelector('h1')?.innerText;seen=fresh.body.dataset.mark;old.replaceWith(fresh.querySelector('main'));
main().querySelectorAll('details').forEach((one,at)=>{if(open[at]!==undefined)one.open=open[at]});
if(at>=0)main().querySelectorAll(focusable)[at]?.focus({preventScroll:true});
const now=main().querySelector('h1')?.innerText;if(now!==title)document.getElementById('said').textContent=now}
function listen(){if(!mark)return;clearTimeout(retry);source?.close();source=new EventSource(base+'live');
source.addEventListener('mark',event=>{if(!event.data.startsWith(seen))again()});
source.addEventListener('error',()=>{if(source.readyState===EventSource.CLOSED)retry=setTimeout(()=>{again();listen()},10000)})}
document.addEventListener('visibilitychange',()=>{if(document.hidden){clearTimeout(retry);source?.close()}else{again();listen()}});listen();
const field=document.querySelector('[name=to]'),names=document.getElementById('names');let typed=0;
field.addEventListener('input',async()=>{const turn=++typed;const answer=await fetch(base+'names?'+new URLSearchParams({to:field.value}));
const text=answer.ok?await answer.text():'';if(turn===typed)names.replaceChildren(...text.split('\\n').filter(Boolean).map(name=>{const one=document.createElement('option');one.value=name;return one}))});
document.addEventListener('keydown',event=>{if(event.key==='/'&&!event.target.matches('input,select,textarea')&&!event.ctrlKey&&!event.metaKey){event.preventDefault();field.focus()}});`;

/** Two waves: what stands in the browser's tab. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0b57a4"/><path d="M2 7q3-3 6 0t6 0M2 11q3-3 6 0t6 0" fill="none" stroke="#fff" stroke-width="1.5"/></svg>';
