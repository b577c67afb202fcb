document.body.append(`High water at ${new Date().toLocaleTimeString()}`);
