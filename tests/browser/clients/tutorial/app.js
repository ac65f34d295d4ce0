// A client made as the tutorial's: hash routes, Satellizer, and the server's error shown as it came.
// Controllers are functions because Angular calls them with `new`.
angular.module('client', ['ui.router', 'satellizer'])
  .config(['$stateProvider', '$urlRouterProvider', '$authProvider', ($states, $urls, $auth) => {
    $auth.loginUrl = '/api/login';
    $urls.otherwise('/');
    $states
      .state('users', { url: '/', templateUrl: 'partials/users.html', controller: 'Users', needsLogin: true })
      .state('login', { url: '/login', templateUrl: 'partials/login.html', controller: 'Login' })
      .state('logout', { url: '/logout', controller: 'Logout', template: '' });
  }])
  .run(['$rootScope', '$state', '$auth', ($root, $state, $auth) => {
    $root.$on('$stateChangeStart', (event, to) => {
      if (to.needsLogin && !$auth.isAuthenticated()) {
        event.preventDefault();
        $state.go('login');
      }
    });
  }])
  .controller('Login', ['$scope', '$state', '$auth', function Login($scope, $state, $auth) {
    $scope.user = {};
    $scope.logIn = () => $auth.login($scope.user).then(
      () => $state.go('users'),
      (answer) => { $scope.problem = angular.toJson(answer.data); },
    );
  }])
  .controller('Users', ['$scope', '$http', function Users($scope, $http) {
    $http.get('/api/users').then((answer) => { $scope.users = answer.data.users; });
  }])
  .controller('Logout', ['$state', '$auth', function Logout($state, $auth) {
    $auth.logout().then(() => $state.go('login'));
  }]);
