/** The whole style: light and dark by the reader's own setting, one column on a phone. */
export const STYLE = `:root{color-scheme:light dark;--line:light-dark(#d5d8dc,#3a4048);--quiet:light-dark(#5a626b,#9aa4ae);--link:light-dark(#0b57a4,#7db7ff);--good:light-dark(#17692f,#6fd58a);--bad:light-dark(#a31919,#ff8f87);--warn:light-dark(#7a4d00,#f2bd5b)}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,sans-serif;margin:0;background:light-dark(#fff,#15181c);color:light-dark(#1b1f24,#e6e9ec)}
header{display:flex;gap:1rem;flex-wrap:wrap;align-items:center;padding:.6rem 1rem;border-bottom:1px solid var(--line)}main{padding:1rem;max-width:75rem;margin:auto}
a{color:var(--link)}nav a{margin-right:.8rem}.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem}.quiet{color:var(--quiet)}
h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:1.6rem}.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:normal}thead th{color:var(--quiet)}
.message{max-width:32rem;overflow-wrap:anywhere}.failure{border-left:3px solid var(--bad);padding-left:.7rem;overflow-wrap:anywhere}code,pre{font:13px/1.45 ui-monospace,monospace}pre{overflow:auto;max-height:30rem;border:1px solid var(--line);padding:.6rem;margin:.4rem 0}
.badge{border:1px solid currentColor;border-radius:.7rem;padding:0 .5rem;font-size:.82rem;white-space:nowrap}.ready,.succeeded,.current,.added{color:var(--good)}.badge.failing,.stalled .badge,.stalled.badge,.failed,.rolledback,.cutoff,.unknown,.removed{color:var(--bad)}.suspended.badge,.waiting,.running,.new.badge,.modified{color:var(--warn)}tr.ready,tr.new{color:inherit}
.filter,.act{display:inline-flex;gap:.5rem;flex-wrap:wrap;align-items:end;margin:0 .5rem .5rem 0}input,select,button{font:inherit;padding:.25rem .5rem}.timeline li{margin-bottom:.8rem}.charts{display:flex;gap:1.5rem;flex-wrap:wrap}figure{margin:0;flex:1 1 14rem}figcaption{color:var(--quiet)}
.bars{width:100%;height:3rem;fill:var(--link)}.bars.failed{fill:var(--bad)}.bars.deployed{fill:var(--good)}.graph{max-width:30rem;width:100%}.graph path{fill:none;stroke:var(--line);stroke-width:1.5}.graph text{font-size:13px;fill:currentColor}.changes{list-style:none;padding:0}.changes li{margin-bottom:.5rem}`;

/** Asks for the page again where the server says that something changed, and puts its middle in place. */
export const SCRIPT = `const {live,mark}=document.body.dataset;let seen=mark,source,busy=false;
async function again(){if(!mark||busy)return;busy=true;try{await ask()}finally{busy=false}}
async function ask(){const answer=await fetch(location.href,{headers:{accept:'text/html'}});if(!answer.ok)return;
const fresh=new DOMParser().parseFromString(await answer.text(),'text/html');const main=document.querySelector('main');
if(main.contains(document.activeElement)&&document.activeElement.matches('input,select'))return;
const open=[...main.querySelectorAll('details')].map(one=>one.open);main.replaceWith(fresh.querySelector('main'));
document.querySelectorAll('main details').forEach((one,at)=>{if(open[at]!==undefined)one.open=open[at]});seen=fresh.body.dataset.mark}
function listen(){if(!mark)return;source=new EventSource(live);source.addEventListener('mark',event=>{if(event.data!==seen)again()})}
document.addEventListener('visibilitychange',()=>{if(document.hidden)source?.close();else{again();listen()}});listen();`;

/** Two waves: what stands in the browser's tab. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0b57a4"/><path d="M2 7q3-3 6 0t6 0M2 11q3-3 6 0t6 0" fill="none" stroke="#fff" stroke-width="1.5"/></svg>';
